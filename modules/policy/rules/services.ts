import { z } from 'zod';
import { defineCheck, failed, manual, notApplicable, pass, unknown, type Verdict } from '../check.ts';

/** What a system consumes from another agency passes one of the named exchange platforms. */
export const systemExchange = defineCheck({
  id: 'system-exchange',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({
    /** Ids a `via:` may name. */
    platforms: z.array(z.string()).min(1),
  }),
  judge(context, { platforms }) {
    const consumes = context.read('consumes') ?? [];
    if (consumes.length === 0) return notApplicable('hệ thống không sử dụng dịch vụ nào', 'the system consumes no service');
    context.drop('consumes');
    return consumes.map(({ service: id, via }): Verdict => {
      context.note(`consumes.${id}.via`, via);
      const service = context.of('service', id);
      if (service === undefined) return unknown(`service/${id}`, id);
      if (service.agency === context.agency) return notApplicable(`${id} thuộc cùng cơ quan`, `${id} belongs to the same agency`, id);
      if (platforms.includes(service.read('system') ?? '')) return pass(`${id} là dịch vụ của chính nền tảng`, `${id} is the platform's own service`, id);
      if (via === undefined) return unknown(`consumes.${id}.via`, id);
      return platforms.includes(via)
        ? pass(`${id} đi qua ${via}`, `${id} passes ${via}`, id)
        : failed(`${id} đi qua ${via}, không qua ${platforms.join(' hoặc ')}`, `${id} passes ${via}, not ${platforms.join(' or ')}`, id);
    });
  },
});

/** What a system consumes from another agency names the rule it rests on. */
export const systemLegalBasis = defineCheck({
  id: 'system-legal-basis',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const consumes = context.read('consumes') ?? [];
    if (consumes.length === 0) return notApplicable('hệ thống không sử dụng dịch vụ nào', 'the system consumes no service');
    context.drop('consumes');
    return consumes.map(({ service: id, legalBasis }): Verdict => {
      context.note(`consumes.${id}.legalBasis`, legalBasis);
      const service = context.of('service', id);
      if (service === undefined) return unknown(`service/${id}`, id);
      if (service.agency === context.agency) return notApplicable(`${id} thuộc cùng cơ quan`, `${id} belongs to the same agency`, id);
      return legalBasis === undefined
        ? failed(`kết nối tới ${id} không nêu căn cứ pháp lý`, `the link to ${id} names no legal basis`, id)
        : pass(`kết nối tới ${id} theo ${legalBasis}`, `the link to ${id} rests on ${legalBasis}`, id);
    });
  },
});

/** A data set has one system that holds the original. */
export const datasetUnique = defineCheck({
  id: 'dataset-unique',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const datasets = context.read('systemOfRecord');
    if (datasets === undefined) return notApplicable('hệ thống không giữ bản gốc dữ liệu nào', 'the system holds no original');
    const holders = context.index.related('systems of record', 'system', (system) => system.systemOfRecord ?? []);
    return datasets.map((dataset): Verdict => {
      const others = (holders.get(dataset) ?? []).filter((entry) => entry.id !== context.id);
      for (const other of others) context.reader(other).read('systemOfRecord');
      if (others.length === 0) return pass(`là nơi duy nhất giữ bản gốc ${dataset}`, `the only holder of the original of ${dataset}`, dataset);
      const named = others.map((entry) => entry.id).join(', ');
      return failed(`bản gốc ${dataset} cũng được khai báo ở ${named}`, `the original of ${dataset} is claimed by ${named} as well`, dataset);
    });
  },
});

/** A system outside the cloud says why: the words are a person's to judge. */
export const systemCloudAssessment = defineCheck({
  id: 'system-cloud-assessment',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({
    /** Service models that are no cloud. */
    outside: z.array(z.string()).min(1),
  }),
  judge(context, { outside }) {
    const model = context.read('serviceModel');
    if (model === undefined) return unknown('serviceModel');
    if (!outside.includes(model)) return notApplicable(`hệ thống dùng đám mây (${model})`, `the system runs in a cloud (${model})`);
    const reason = context.read('cloudAssessment');
    return reason === undefined
      ? failed('không dùng đám mây và không nêu lý do', 'outside the cloud without a reason')
      : manual(`lý do không dùng đám mây: ${reason}`, `reason for staying outside the cloud, to be judged: ${reason}`);
  },
});
