// Libraries of the pages that come without types.

declare module "htl" {
  type Tag<Node> = ((strings: TemplateStringsArray, ...values: unknown[]) => Node) & {
    fragment: (strings: TemplateStringsArray, ...values: unknown[]) => DocumentFragment;
  };
  export const html: Tag<HTMLElement>;
  export const svg: Tag<SVGElement>;
}

declare module "@observablehq/inputs" {
  type Input = HTMLElement & {value: unknown};
  type Options = Record<string, unknown>;
  export function select(values: Iterable<unknown>, options?: Options): Input;
  export function radio(values: Iterable<unknown>, options?: Options): Input;
  export function text(options?: Options): Input;
  export function number(extent: [number, number], options?: Options): Input;
  export function toggle(options?: Options): Input;
  export function form(inputs: Record<string, HTMLElement>, options?: Options): Input;
}
