const kept = 'hotline.browser';

// browser is a name that this browser keeps for itself, so that the server can tell another tab from another computer.
export function browser(): string {
  const known = localStorage.getItem(kept);
  if (known) return known;
  const made = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('');
  localStorage.setItem(kept, made);
  return made;
}

const programs: [RegExp, string][] = [
  [/Edg\/(\d+)/, 'Edge'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
];
const systems = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac', 'Linux'];

// device is what somebody calls the computer with this browser, as its user agent tells: "Chrome 156, Windows".
export function device(agent: string): string {
  const program = programs.map(([pattern, name]) => [pattern.exec(agent), name] as const).find(([found]) => found);
  const system = systems.find((s) => agent.includes(s));
  return [program ? `${program[1]} ${program[0]?.[1]}` : '', system].filter(Boolean).join(', ') || agent.slice(0, 40);
}
