import type { Check } from '../check.ts';
import { cloudCertificates } from './clouds.ts';
import { levelDecided, levelMeasures, levelMinimum } from './levels.ts';
import { linkBackup, linkEncrypted, linkLoad } from './links.ts';
import { asnRegistrable, networkField, overlayCrypto } from './networks.ts';
import { recoveryDistance, recoveryElsewhere, recoveryTested } from './recovery.ts';
import { ingressOpen, resourceArgument, tenantResources } from './resources.ts';
import { datasetUnique, systemCloudAssessment, systemExchange, systemLegalBasis } from './services.ts';
import { siteExchanges, siteMutualBackup, siteTier, siteUpstreams } from './sites.ts';
import { statedChecks } from './stated.ts';
import { zoneNameServers, zoneSigned } from './zones.ts';

/** Every check `policies/rules.yaml` may name, by id. A new one is added here. */
export const checks: ReadonlyMap<string, Check> = new Map(
  [
    asnRegistrable,
    cloudCertificates,
    datasetUnique,
    ingressOpen,
    levelDecided,
    levelMeasures,
    levelMinimum,
    linkBackup,
    linkEncrypted,
    linkLoad,
    networkField,
    overlayCrypto,
    recoveryDistance,
    recoveryElsewhere,
    recoveryTested,
    resourceArgument,
    siteExchanges,
    siteMutualBackup,
    siteTier,
    siteUpstreams,
    systemCloudAssessment,
    systemExchange,
    systemLegalBasis,
    tenantResources,
    zoneNameServers,
    zoneSigned,
    ...statedChecks,
  ].map((check) => [check.id, check]),
);
