/** Times as ps(1) writes them; the guest's clock is UTC. */

const dayMilliseconds = 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function pad(number: number): string {
  return String(Math.floor(number)).padStart(2, '0');
}

const minuteOf = (date: Date): string => date.toISOString().slice(11, 16);
const secondOf = (date: Date): string => date.toISOString().slice(11, 19);
const monthOf = (date: Date): string => months[date.getUTCMonth()] ?? '';
const dayOf = (date: Date): string => String(date.getUTCDate()).padStart(2, ' ');

/** [DD-]HH:MM:SS */
export function cpuTime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = `${pad((seconds / 3600) % 24)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return days > 0 ? `${pad(days)}-${clock}` : clock;
}

/** [[DD-]HH:]MM:SS */
export function elapsedTime(seconds: number): string {
  return seconds < 3600 ? cpuTime(seconds).slice(3) : cpuTime(seconds);
}

/** M:SS */
export function bsdTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}

/** HH:MM of today, MmmDD of this year, or the year. */
export function startTime(started: Date, now: Date): string {
  if (started.getUTCFullYear() !== now.getUTCFullYear()) return String(started.getUTCFullYear());
  const today = started.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  return today ? minuteOf(started) : `${monthOf(started)}${pad(started.getUTCDate())}`;
}

/** HH:MM within a day, or Mmm DD. */
export function bsdStart(started: Date, now: Date): string {
  return isRecent(started, now) ? minuteOf(started) : `${monthOf(started)} ${dayOf(started)}`;
}

/** HH:MM:SS within a day, or Mmm DD. */
export function startedAt(started: Date, now: Date): string {
  return isRecent(started, now) ? secondOf(started) : `${monthOf(started)} ${dayOf(started)}`;
}

/** As ctime(3). */
export function longStart(started: Date): string {
  const weekday = weekdays[started.getUTCDay()] ?? '';
  return `${weekday} ${monthOf(started)} ${dayOf(started)} ${secondOf(started)} ${started.getUTCFullYear()}`;
}

function isRecent(started: Date, now: Date): boolean {
  return now.getTime() - started.getTime() < dayMilliseconds;
}
