import * as path from 'node:path';
import { isObject, parseYaml, Problems, readTextIfPresent } from '../../core/index.ts';
import { kindLine, planFileNames, planFolder } from '../documents.ts';

const ours = kindLine(['NetworkPlan']);

/** Ids of the proposals the plans in `root` answer. A plan that cannot be read answers nothing here; loading it says why. */
export function readAnswers(root: string): string[] {
  const problems = new Problems();
  return planFileNames(root).flatMap((name) => {
    const file = `${planFolder}/${name}`;
    const text = readTextIfPresent(path.join(root, file)) ?? '';
    if (!ours.test(text) || !text.includes('answers')) return [];
    const value = problems.collect(() => parseYaml(file, text))?.value;
    const answers = isObject(value) ? value['answers'] : undefined;
    return Array.isArray(answers)
      ? answers.flatMap((answer: unknown) => (isObject(answer) && typeof answer['proposal'] === 'string' ? [answer['proposal']] : []))
      : [];
  });
}
