// What the simulation uses of jstat, which ships no types.
declare module "jstat" {
  const jStat: {
    setRandom(source: () => number): void;
    randn(): number;
    beta: {sample(alpha: number, beta: number): number};
  };
  export default jStat;
}
