// Line is one of a script: a step to tick off, or what is only read. at is its place.
export interface Line {
  at: number;
  step: boolean;
  text: string;
}

// linesOf reads a script: a line that begins with "- " is a step.
export const linesOf = (script: string): Line[] =>
  script
    .trim()
    .split('\n')
    .map((line, at) => {
      const step = /^\s*-\s+/.exec(line);
      return { at, step: step !== null, text: step ? line.slice(step[0].length) : line };
    });
