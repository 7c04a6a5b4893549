export type Language = 'vi' | 'en';

let language: Language = 'vi';

/** The language everything is shown in from now on. */
export function setLanguage(to: Language): void {
  language = to;
}

export function currentLanguage(): Language {
  return language;
}

/** A phrase in the current language, `{0}`, `{1}` filled in. */
export function phrase([vi, en]: readonly [string, string], values: readonly (string | number)[]): string {
  return (language === 'vi' ? vi : en).replace(/\{(\d)\}/gu, (_, index: string) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? number(value) : value;
  });
}

/** A whole number with the language's separators. */
export function number(value: number): string {
  return value.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US');
}
