/** The version every file the toolkit reads or writes names. */
export const API_VERSION = 'vcloud/v1';

/** Whether a text is a calendar date, YYYY-MM-DD, that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
