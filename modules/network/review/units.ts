import { bitsOf, type Prefix } from '../prefix.ts';

/**
 * Length of the blocks a prefix is counted in: single addresses of IPv4; sites (/48) in large IPv6 blocks, networks (/64) in
 * smaller ones (a share of 2^108 addresses tells nobody anything), single addresses below /64.
 */
export function unitOf(prefix: Prefix): number {
  if (prefix.family === 'v4') return 32;
  return prefix.length <= 40 ? 48 : prefix.length <= 64 ? 64 : 128;
}

/** `addresses`, `/48s`, `/64s`. */
export function unitName(unit: number): string {
  return unit === 32 || unit === 128 ? 'addresses' : `/${unit}s`;
}

/** A number of addresses counted in blocks of `unit` bits: whole where it is whole, else with two decimals, never rounded to 0. */
export function inUnits(addresses: bigint, family: Prefix['family'], unit: number): string {
  const size = 1n << BigInt(bitsOf(family) - unit);
  const whole = grouped(addresses / size);
  const rest = addresses % size;
  if (rest === 0n) return whole;
  const hundredths = (rest * 100n) / size;
  if (hundredths === 0n) return addresses < size ? '<0.01' : whole;
  return `${whole}.${hundredths.toString().padStart(2, '0').replace(/0$/u, '')}`;
}

function grouped(count: bigint): string {
  return count.toString().replace(/\B(?=(?:\d{3})+$)/gu, ',');
}

/** A share of a block in per cent, as people read it: `0 %`, `<0.1 %`, `3.4 %`, `78 %`. */
export function percentText(part: bigint, whole: bigint): string {
  const thousandths = whole === 0n ? 0n : (part * 100_000n) / whole;
  if (part === 0n) return '0 %';
  if (thousandths < 100n) return '<0.1 %';
  return thousandths >= 10_000n ? `${thousandths / 1000n} %` : `${thousandths / 1000n}.${(thousandths % 1000n) / 100n} %`;
}
