import { fail, problem, sha256, type Problem } from '../core/index.ts';
import { requireLogin, resolveCredentials } from '../engine/index.ts';
import type { CloudOffer } from '../cloud/live/index.ts';

/** A cloud a first tenant is to be made on, and names in it that are decided already. */
export interface OpenstackInit {
  /** Entry of clouds.yaml. */
  readonly entry: string;
  readonly image?: string | undefined;
  readonly flavor?: string | undefined;
  /** Network that leads out. */
  readonly external?: string | undefined;
  readonly volumeType?: string | undefined;
}

/** What the template is filled with, what was decided in words, and what is still open. */
export interface OpenstackProposal {
  readonly values: Readonly<Record<string, string>>;
  readonly decided: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Asks the cloud what it has and proposes names for what a tenant needs. Whatever it has not, or does not show, is named as
 * a finding: the files are written all the same, for somebody to complete.
 * @param file the declaration the names will stand in, for findings
 * @throws ProblemError ENGINE-CREDENTIALS, INIT-CLOUD when nobody answers or the log-in is refused
 */
export async function proposeOpenstack(root: string, id: string, file: string, given: OpenstackInit): Promise<OpenstackProposal> {
  const subject = `cloud "${given.entry}"`;
  const context = { root, environment: process.env, subject, file: 'clouds.yaml' };
  const variables = resolveCredentials(`clouds.yaml:${given.entry}`, context);
  requireLogin(variables, context);
  const { readOffer, Refused, Session } = await import('../cloud/live/index.ts');
  const session = new Session({ variables, timeout: 20_000, tries: 2 });
  try {
    return proposed(id, file, given, await readOffer(session), variables);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return fail('INIT-CLOUD', `${subject} cannot be asked what it has: ${error.message}`, {
      file: 'clouds.yaml',
      subject,
      hint: 'correct the entry; `openstack --os-cloud ENTRY token issue` tries the same',
    });
  } finally {
    session.close();
  }
}

/** The proposal that follows from what a cloud has. Pure. */
export function proposed(id: string, file: string, given: OpenstackInit, offer: CloudOffer, variables: Readonly<Record<string, string>>): OpenstackProposal {
  const problems: Problem[] = [];
  const decided: string[] = [];
  const choose = (what: string, option: string, wanted: string | undefined, there: readonly string[], unsaid: string): string => {
    const found = wanted ?? there[0];
    if (found === undefined || (wanted !== undefined && !there.includes(wanted)))
      problems.push(
        problem('INIT-CLOUD-LACKS', wanted === undefined ? `the cloud shows no ${what}` : `the cloud shows no ${what} "${wanted}"`, {
          severity: 'warning',
          file,
          hint: `${there.length === 0 ? 'have its operator make one' : `it has ${there.slice(0, 8).join(', ')}`}; then correct the name here, or give ${option}`,
        }),
      );
    else decided.push(`${what} ${JSON.stringify(found)}${wanted === undefined && there.length > 1 ? ` of ${there.length}` : ''}`);
    return found ?? unsaid;
  };
  const has = (service: string): boolean => offer.services.includes(service);
  const image = choose('image', '--image', given.image, offer.images, 'debian-12');
  const flavorName = choose(
    'flavor',
    '--flavor',
    given.flavor,
    offer.flavors.map(({ name }) => name),
    'c2m4',
  );
  const external = choose('network that leads out', '--external', given.external, offer.externals, 'external');
  const types = offer.volumeTypes.map(({ name }) => name);
  const volumeType = choose('volume type', '--volume-type', given.volumeType, types, 'encrypted');
  if (offer.volumeTypes.find(({ name }) => name === volumeType)?.encrypted === false)
    problems.push(
      problem('INIT-CLOUD-LACKS', `volumes of type "${volumeType}" are not encrypted, as far as this log-in can see`, {
        severity: 'warning',
        file,
        hint: 'have the operator make a type with encryption (openstack volume type create --encryption-provider luks ...) and name it here',
      }),
    );
  const flavor = offer.flavors.find(({ name }) => name === flavorName) ?? { vcpus: 2, memoryGiB: 4 };
  // The shape in three tiers has a balancer in front.
  const balanced = has('load-balancer');
  const sizes = `vcpus: ${flavor.vcpus}, memoryGiB: ${flavor.memoryGiB}`;
  return {
    values: {
      entry: given.entry,
      region: scalar(variables['OS_REGION_NAME'] ?? offer.regions[0] ?? 'RegionOne'),
      services: offer.services.join(', '),
      image: scalar(image),
      size: `c${flavor.vcpus}m${flavor.memoryGiB}`,
      flavor: scalar(flavorName),
      external: scalar(external),
      volumeType: scalar(volumeType),
      blueprint: balanced ? 'three-tier' : 'single-tier',
      sizes: `${balanced ? 'web: 2, app: 1, data: 1, dataGiB: 10' : 'servers: 2, dataGiB: 10'}, ${sizes}`,
      'unique-local': uniqueLocal(`${id} ${variables['OS_AUTH_URL'] ?? ''} ${given.entry}`),
    },
    decided,
    problems,
  };
}

/** A name as YAML: plain where that is safe. */
function scalar(text: string): string {
  return /^(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z][\w.-]*(?: [\w.-]+)*$/iu.test(text) ? text : JSON.stringify(text);
}

/** A /48 of unique local addresses whose global id differs from everybody else's (RFC 4193, section 3.2), and is the same for the same cloud and id. */
function uniqueLocal(seed: string): string {
  const bits = sha256(seed).slice(0, 10);
  const groups = [`fd${bits.slice(0, 2)}`, bits.slice(2, 6), bits.slice(6, 10)];
  return `${groups.map((group) => group.replace(/^0{1,3}/u, '')).join(':')}::/48`;
}
