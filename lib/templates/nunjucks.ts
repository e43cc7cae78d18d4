// What nunjucks exports beyond its published types: its compiler and its runtime, by which every printed value
// and every lookup can be seen.
import {createRequire} from "node:module";
import nunjucks from "nunjucks";

export type Node = {
  typename: string;
  lineno: number;
  colno: number;
  children: Node[];
  body: Node;
  else_: Node | null;
  target: Node;
  val: Node;
  left: Node;
  right: Node;
};

export type Frame = {lookup(name: string): unknown};
export type Context = {lookup(name: string): unknown; getVariables(): Record<string, unknown>};

export type Runtime = {
  SafeString: new (text: string) => {toString(): string};
  contextOrFrameLookup(context: Context, frame: Frame, name: string): unknown;
  memberLookup(object: unknown, name: unknown): unknown;
  inOperator(needle: unknown, haystack: unknown): boolean;
};

export type Root = (
  environment: unknown,
  context: unknown,
  frame: unknown,
  runtime: unknown,
  done: unknown
) => void;

type Compiler = {
  buffer: string;
  compile(node: Node, frame?: unknown): void;
  compileSymbol(node: Node, frame: unknown): void;
  compileFilter(node: Node, frame: unknown): void;
  compileConcat(node: Node, frame: unknown): void;
  compileCapture(node: Node, frame: unknown): void;
  compileOutput(node: Pick<Node, "children" | "lineno" | "colno">, frame: unknown): void;
  _compileGetTemplate(node: Node, frame: unknown, eager: boolean, ignoreMissing: boolean): string;
  _emit(code: string): void;
  getCode(): string;
};

type Internals = {
  compiler: {Compiler: new (name: string, throwOnUndefined: boolean) => Compiler};
  parser: {parse(source: string, extensions: unknown[], options: object): Node};
  runtime: Runtime;
};

const internals = nunjucks as unknown as Internals;
const transformer = createRequire(import.meta.url)("nunjucks/src/transformer.js") as {
  transform(tree: Node, asyncFilters: unknown[]): Node;
};

export const runtime = internals.runtime;

/** Returns a template's functions by name (root, and b_ for each block); throws nunjucks' own error with lineno and colno. */
export function compileTemplate(source: string, name: string): Record<string, Root> {
  const compiler = new PlacedCompiler(name, true);
  compiler.compile(transformer.transform(internals.parser.parse(source, [], {}), []));
  return new Function(compiler.getCode())() as Record<string, Root>;
}

// Writes down where it is before each lookup, filter and include, so that an error is found at its own place.
class PlacedCompiler extends internals.compiler.Compiler {
  compileSymbol(node: Node, frame: unknown) {
    this.placed(node, () => super.compileSymbol(node, frame));
  }

  // The member's own place is noted after its object was looked up.
  compileLookupVal(node: Node, frame: unknown) {
    this._emit("runtime.memberLookup((");
    this.compile(node.target, frame);
    this._emit("), ");
    this.placed(node.val, () => this.compile(node.val, frame));
    this._emit(")");
  }

  compileFilter(node: Node, frame: unknown) {
    this.placed(node, () => super.compileFilter(node, frame));
  }

  _compileGetTemplate(node: Node, frame: unknown, eager: boolean, ignoreMissing: boolean) {
    this._emit(`lineno = ${node.lineno}; colno = ${node.colno}; runtime.here(lineno, colno);\n`);
    return super._compileGetTemplate(node, frame, eager, ignoreMissing);
  }

  compileConcat(node: Node, frame: unknown) {
    this._emit("runtime.concat(");
    this.compile(node.left, frame);
    this._emit(", ");
    this.compile(node.right, frame);
    this._emit(")");
  }

  // A block's text was checked as it was printed.
  compileCapture(node: Node, frame: unknown) {
    this._emit("new runtime.SafeString(");
    super.compileCapture(node, frame);
    this._emit(")");
  }

  compileOutput({children, lineno, colno}: Node, frame: unknown) {
    for (const child of children)
      if (isOwnText(child)) this.printUnchecked(child, frame);
      else super.compileOutput({children: [child], lineno, colno}, frame);
  }

  private printUnchecked(node: Node, frame: unknown) {
    this._emit(`${this.buffer} += `);
    this.compile(node, frame);
    this._emit(";\n");
  }

  private placed(node: Node, compile: () => void) {
    this._emit(`(lineno = ${node.lineno}, colno = ${node.colno}, runtime.here(lineno, colno), `);
    compile();
    this._emit(")");
  }
}

// What the template's author wrote as a literal may hold quotes and line breaks.
function isOwnText(node: Node): boolean {
  if (node.typename === "Literal") return true;
  return node.typename === "InlineIf" && isOwnText(node.body) && (!node.else_ || isOwnText(node.else_));
}
