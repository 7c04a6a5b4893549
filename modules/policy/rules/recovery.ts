import { z } from 'zod';
import type { System } from '../../federation/index.ts';
import { defineCheck, failed, notApplicable, pass, unknown, type CheckContext, type Verdict } from '../check.ts';
import { kilometresBetween, monthsAfter } from '../measure.ts';

type Recovery = NonNullable<System['disasterRecovery']>;

/** Where a tenant runs: its cloud and the site of its region; undefined with the path that is missing. */
function placeOfTenant(context: CheckContext<'system'>, id: string): { cloud: string; site: string } | { missing: string } {
  const tenant = context.of('tenant', id);
  if (tenant === undefined) return { missing: `tenant/${id}` };
  const cloudId = tenant.read('cloud');
  const regions = context.of('cloud', cloudId)?.read('regions');
  if (regions === undefined) return { missing: `cloud/${cloudId}` };
  const region = tenant.read('region');
  const chosen = regions.length === 1 ? regions[0] : regions.find((one) => one.name === region);
  return chosen === undefined ? { missing: `tenant/${id}.region` } : { cloud: cloudId, site: chosen.site };
}

interface Places {
  readonly clouds: readonly string[];
  readonly sites: readonly string[];
}

function placesOf(context: CheckContext<'system'>, tenants: readonly string[], site: string | undefined): Places | { missing: string } {
  const clouds: string[] = [];
  const sites: string[] = site === undefined ? [] : [site];
  for (const id of tenants) {
    const place = placeOfTenant(context, id);
    if ('missing' in place) return place;
    clouds.push(place.cloud);
    sites.push(place.site);
  }
  return { clouds, sites: [...new Set(sites)] };
}

/** Main and recovery places of a system, or the verdict that there is nothing to compare. */
function bothPlaces(context: CheckContext<'system'>): { main: Places; recovery: Places; stated: Recovery } | Verdict {
  const stated = context.read('disasterRecovery');
  if (stated === undefined) return unknown('disasterRecovery');
  if (stated.tenant === undefined && stated.site === undefined) return unknown('disasterRecovery.site');
  const main = placesOf(context, context.read('tenants') ?? [], context.read('site'));
  if ('missing' in main) return unknown(main.missing);
  if (main.sites.length === 0) return unknown('tenants');
  const recovery = placesOf(context, stated.tenant === undefined ? [] : [stated.tenant], stated.site);
  if ('missing' in recovery) return unknown(recovery.missing);
  return { main, recovery, stated };
}

/** What a system recovers in stands at another site, and in another cloud where it is a tenant. */
export const recoveryElsewhere = defineCheck({
  id: 'recovery-elsewhere',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({
    /** Ask for another cloud as well as another site. */
    otherCloud: z.boolean().default(true),
  }),
  judge(context, { otherCloud }) {
    const places = bothPlaces(context);
    if ('status' in places) return places;
    const { main, recovery } = places;
    const sameSite = recovery.sites.find((site) => main.sites.includes(site));
    if (sameSite !== undefined) return failed(`dự phòng đặt cùng địa điểm ${sameSite}`, `recovery stands at the same site, ${sameSite}`);
    const sameCloud = otherCloud ? recovery.clouds.find((cloud) => main.clouds.includes(cloud)) : undefined;
    if (sameCloud !== undefined) return failed(`dự phòng nằm trong cùng đám mây ${sameCloud}`, `recovery lies in the same cloud, ${sameCloud}`);
    const where = [...recovery.clouds, ...recovery.sites].join(', ');
    return pass(`dự phòng tại ${where}`, `recovers at ${where}`);
  },
});

/** Main and recovery sites are as far apart as the text asks at the system's level. */
export const recoveryDistance = defineCheck({
  id: 'recovery-distance',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const level = context.read('level')?.value;
    if (level === undefined) return unknown('level');
    const limit = context.thresholds(level)[0];
    if (limit === undefined) return notApplicable(`văn bản không đặt khoảng cách ở cấp độ ${level}`, `the text sets no distance at level ${level}`);
    const places = bothPlaces(context);
    if ('status' in places) return places;
    let shortest = Number.POSITIVE_INFINITY;
    for (const from of places.main.sites) {
      const start = context.of('site', from)?.read('location');
      if (start === undefined) return unknown(`site/${from}.location`);
      for (const to of places.recovery.sites) {
        const end = context.of('site', to)?.read('location');
        if (end === undefined) return unknown(`site/${to}.location`);
        shortest = Math.min(shortest, kilometresBetween(start, end));
      }
    }
    const kilometres = Math.round(shortest * 10) / 10;
    context.note('distance in km', kilometres);
    const vi = `khoảng cách chính - dự phòng ${kilometres} km, tối thiểu ${limit.value} ${limit.unit} ở cấp độ ${level}`;
    const en = `main and recovery sites are ${kilometres} km apart, at least ${limit.value} ${limit.unit} asked at level ${level}`;
    return kilometres >= Number(limit.value) ? pass(vi, en) : failed(vi, en);
  },
});

/** Recovery was tested within the interval the text sets at the system's level. */
export const recoveryTested = defineCheck({
  id: 'recovery-tested',
  subject: 'system',
  inputs: ['declared'],
  options: z.strictObject({}),
  judge(context) {
    const level = context.read('level')?.value;
    if (level === undefined) return unknown('level');
    const limit = context.thresholds(level)[0];
    if (limit === undefined) return notApplicable(`văn bản không đặt chu kỳ ở cấp độ ${level}`, `the text sets no interval at level ${level}`);
    const recovery = context.read('disasterRecovery');
    if (recovery === undefined) return unknown('disasterRecovery');
    const last = recovery.lastTest;
    if (last === undefined) return unknown('disasterRecovery.lastTest');
    if (last > context.asOf) return failed(`lần thử ${last} nằm trong tương lai`, `the test of ${last} lies in the future`);
    const due = monthsAfter(last, Number(limit.value));
    const vi = `thử khôi phục lần cuối ${last}, phải lặp lại trong ${limit.value} tháng ở cấp độ ${level} (trước ${due})`;
    const en = `last recovery test ${last}, to be repeated within ${limit.value} months at level ${level} (by ${due})`;
    return context.asOf <= due ? pass(vi, en) : failed(vi, en);
  },
});
