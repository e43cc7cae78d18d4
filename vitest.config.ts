import {defineConfig} from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "tests/temporary.ts",
    projects: [
      {
        test: {
          name: "quick",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/browser/**", "tests/slow/**", "tests/live/**"],
          testTimeout: 30_000
        }
      },
      {
        test: {
          name: "slow",
          include: ["tests/browser/**/*.test.ts", "tests/slow/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          // Real browsers and killed processes on a busy machine: what fails twice is wrong, what failed once is told as retried.
          retry: 1
        }
      }
    ]
  }
});
