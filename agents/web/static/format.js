// How values are written. What there is no data for is a dash, never a zero.
export const NONE = "–";

export const known = (value) => value !== null && value !== undefined;

export const count = (value) => (known(value) ? value.toLocaleString("en-US") : NONE);

// h:mm:ss; days are hours, because a wall has no room for units.
export function duration(seconds) {
  if (!known(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

// Cut, not rounded: 79.96 % has not reached a goal of 80 %.
export function percent(ratio) {
  return known(ratio) ? `${(Math.floor(ratio * 1000 + 1e-9) / 10).toFixed(1)} %` : NONE;
}

export function clock(iso, withDate) {
  const at = new Date(iso);
  const time = at.toLocaleTimeString("en-GB");
  return withDate ? `${at.toLocaleDateString("en-CA")} ${time}` : time;
}
