/** A federation as small as one can be that makes the toolkit write every kind of file: a centre, one member, an overlay, a finding. */
export const worldFiles: Readonly<Record<string, string>> = {
  'vcloud.yaml': `apiVersion: vcloud/v1
kind: Federation
member: { id: health, organisation: health, names: { vi: Sở Y tế, en: Department of Health } }
language: en
numbering: documentation
environment: sandbox
parentZone: example.
members:
  - { id: clinic, folder: members/clinic, scope: { organisations: [clinic], keys: [agency/clinic], zones: [clinic.example.] } }
`,
  'stacks/office/office.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: health, kind: agency, names: { vi: Sở Y tế, en: Department of Health }, label: health, contact: { unit: Văn phòng } }
sites:
  - { id: main, kind: data-centre, names: { vi: Trung tâm dữ liệu, en: Data centre }, owner: health, location: { lat: 21.03, lon: 105.85 }, upstreams: [isp-a, isp-b] }
  - { id: second, kind: data-centre, names: { vi: Trung tâm dự phòng, en: Second centre }, owner: health, backup: main }
clouds:
  - { id: private, kind: openstack, names: { vi: Đám mây riêng, en: Private cloud }, owner: health, regions: [{ name: main, site: main }] }
networks:
  - { id: wide, names: { vi: Mạng diện rộng, en: Wide area network }, owner: health, zone: provider, ipv6: dual }
links:
  - { id: main-second, kind: backbone, from: main, to: second, capacityMbps: 1000, plannedLoadMbps: 100 }
systems:
  - { id: portal, names: { vi: Cổng thông tin, en: Portal }, owner: health, dataClass: open, serviceModel: none, environment: production }
offers:
  - { id: private-servers, kind: iaas, cloud: private, names: { vi: Máy chủ ảo, en: Virtual servers }, plans: [{ name: small, sizes: { vcpus: 2 }, quota: { instances: 10 } }], conditions: { levelUpTo: 3, below: [health] }, serviceHours: 24x7 }
racks:
  - { id: main-rack, owner: health, site: main, units: 42, commissioned: "2019-03-15" }
servers:
  - { id: main-server, owner: health, site: main, rack: main-rack, unit: 1, height: 2, serial: SAMPLE-1, received: "2019-02-20" }
appliances:
  - { id: main-switch, kind: switch, owner: health, site: main, rack: main-rack, unit: 42, watts: 150 }
`,
  'network-plans/addresses.yaml': `# What needs addresses, and from which pool.
apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: addresses, note: one of everything }
domains:
  - { name: internal, import: ["65536:1"], export: ["65536:1"] }
pools:
  - { name: internal-v6, prefix: "3fff:100::/32", domain: internal, strategy: sparse }
  - { name: internal-v4, prefix: 10.0.0.0/12, domain: internal, strategy: best-fit, note: private }
needs:
  - forEach: { organisations: { kind: agency } }
    key: "agency/{id}"
    role: container
    legs: { v6: { pool: internal-v6, length: 40 }, v4: { pool: internal-v4, length: 16 } }
  - { key: agency/clinic, role: container, legs: { v6: { pool: internal-v6, length: 40 }, v4: { pool: internal-v4, length: 20 } } }
  - forEach: { csv: data/rooms.csv, where: { floor: "1" } }
    key: "room/{name}"
    in: agency/health
    legs: { v4: { in: agency/health, length: 26 } }
  - { key: legacy/axis, pool: internal-v4, prefix: 10.15.0.0/24, note: exact }
  - { key: old/half, pool: internal-v6, prefix: "3fff:100:ff01::/48" }
  - { key: tunnel/main, legs: { v4: { pool: internal-v4, length: 32 }, v6: { pool: internal-v6, length: 128 } }, role: loopback }
  - { key: tunnel/clinic-room, legs: { v4: { pool: internal-v4, length: 32 }, v6: { pool: internal-v6, length: 128 } }, role: loopback }
unnumbered: { sites: [{ kind: data-centre }] }
`.replace('    in: agency/health\n    legs', '    legs'),
  'network-plans/data/rooms.csv': 'name,floor\none,1\ntwo,1\nthree,2\n',
  'network-plans/addresses.lock.yaml': `apiVersion: vcloud/v1
kind: NetworkLock
allocations:
  old/both: {v4: "10.14.0.0/24", pool4: internal-v4, v6: "3fff:100:ff00::/48", pool6: internal-v6, state: released}
  old/half: {v4: "10.14.2.0/24", pool4: internal-v4, v6: "3fff:100:ff01::/48", pool6: internal-v6, state4: released}
  old/later: {v4: "10.14.3.0/24", pool4: internal-v4, state: released, until: "2027-01-01"}
  old/v4: {v4: "10.14.1.0/24", pool4: internal-v4, state: released}
`,
  'network-plans/asns.yaml': `apiVersion: vcloud/v1
kind: AsnPlan
metadata: { name: asns }
ranges:
  - { name: agencies, first: 4200000001, last: 4200000999, note: private }
needs:
  - { forEach: { organisations: { kind: agency } }, key: "agency/{id}", range: agencies }
  - { key: agency/clinic, range: agencies }
  - { key: fixed, asn: 4200000100 }
`,
  'network-plans/asns.lock.yaml': `apiVersion: vcloud/v1
kind: AsnLock
allocations:
  old: {asn: 4200000200, range: agencies, state: released}
`,
  'network-plans/zones.yaml': `apiVersion: vcloud/v1
kind: ZonePlan
metadata: { name: zones }
policies: [{ name: standard, algorithm: ecdsap256sha256 }]
nameServers:
  - { name: own, servers: [{ host: ns1.dns.example., addresses: [192.0.2.53, "2001:db8:53:1::53"] }, { host: ns2.dns.example., addresses: [198.51.100.53] }] }
zones:
  - { name: "@", nameServers: own, policy: standard }
  - { forEach: { organisations: { kind: agency } }, name: "{label}", nameServers: own, policy: standard }
reverse:
  - { pool: internal-v4, nameServers: own, policy: standard }
records:
  - { name: "axis.health", address: { key: legacy/axis, host: 10 } }
`,
  'network-plans/overlays.yaml': `apiVersion: vcloud/v1
kind: OverlayPlan
metadata: { name: overlays }
profiles:
  - name: standard
    kind: ipsec
    ike: { proposals: [aes256gcm16-prfsha384-ecp384], lifetime: 4h, deadPeerDelay: 30s }
    esp: { proposals: [aes256gcm16-ecp384], lifetime: 1h }
    authentication: { certificate: "{node}.pem", authority: authority.pem, identity: "{node}.example" }
overlays:
  - name: wide
    profile: standard
    reach: [{ pool: internal-v6 }, { pool: internal-v4 }]
    nodes:
      - { id: main, role: hub, owner: health, site: main, group: hubs, endpoints: [192.0.2.11, "2001:db8:7010::1"], prefixes: [{ key: agency/health }], address: { key: tunnel/main, host: 0 }, asn: { key: agency/health } }
      - { id: clinic-room, role: spoke, owner: clinic, joins: [hubs], prefixes: [{ key: agency/clinic }], address: { key: tunnel/clinic-room, host: 0 }, elsewhere: true }
`,
  'policies/law/instruments.csv': `id,number,title_vi,title_en,kind,issued,in_force,ends,disputed_ends,supersedes,amends,approve_level_by,meet_measures_by,source,note
rule-1,1/2026,Quy định mạng,Network rule,regulation,2026-01-01,2026-02-01,,,,,,,official,
`,
  'policies/law/controls.csv': `id,instrument,clause,levels,topic,requirement_en,requirement_vi,evidence_class,parameter,source
rule-1.1,rule-1,Art. 1,,links,Every link names its carrier.,Mỗi liên kết nêu nhà mạng.,static,,official
`,
  'policies/law/thresholds.csv': 'instrument,clause,parameter,level,value,unit,operator,source\n',
  'policies/rules.yaml': `apiVersion: vcloud/v1
kind: PolicyRules
rules:
  - id: net-link-carrier
    version: 1
    check: link-stated
    title: { vi: Mỗi liên kết nêu nhà mạng, en: Every link names its carrier }
    severity: medium
    basis: [{ instrument: rule-1, controls: [rule-1.1] }]
    options: { fields: [carrier] }
    remediation: { vi: Bổ sung carrier., en: State the carrier. }
`,
  'policies/profiles.yaml': `apiVersion: vcloud/v1
kind: PolicyProfiles
waivers: { minimumJustification: 10, maximumDays: { low: 365, medium: 180, high: 90, critical: 30 }, warnDays: 14 }
profiles:
  - { id: all, names: { vi: Mọi cơ quan, en: Everyone }, rules: { net-link-carrier: mandatory } }
`,
  'policies/approvals.yaml': `apiVersion: vcloud/v1
kind: ApprovalPolicy
principals:
  - id: office.operations
    organisation: office
    names: { vi: Vận hành, en: Operations }
    keys:
      - { ed25519: MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= }
      - { ssh: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea }
    users: [operator@console]
rules:
  - id: gone
    names: { vi: Xóa, en: Removal }
    when: { effects: [destroy, replace], agencies: [office], stacks: ["office.*"], minimumLevel: 3, environments: [production] }
    require: { count: 1, of: [office.operations] }
    validFor: 7
    notBy: [planner, applier]
  - id: own
    when: { environments: [production] }
    require: { ofAgency: true }
`,
  'policies/waivers/links.yaml': `apiVersion: vcloud/v1
kind: PolicyWaivers
waivers:
  - id: main-second
    rule: net-link-carrier
    agency: health
    subject: link/main-second
    justification: The contract is being signed.
    compensatingControls: [none]
    owner: { unit: Works, role: lead }
    approver: { unit: Office, role: head }
    decision: { number: REF-1, date: "2026-11-02" }
    requestedAt: "2026-10-20"
    approvedAt: "2026-11-02"
    expiresAt: "2026-12-31"
`,
  'members/clinic/vcloud.yaml': `apiVersion: vcloud/v1
kind: Federation
member: { id: clinic, organisation: clinic, names: { vi: Phòng khám, en: Clinic } }
language: en
numbering: documentation
environment: sandbox
parentZone: example.
`,
  'members/clinic/stacks/clinic/clinic.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: clinic, kind: clinic, names: { vi: Phòng khám, en: Clinic }, label: clinic }
sites:
  - { id: clinic-room, kind: server-room, names: { vi: Phòng máy, en: Server room }, owner: clinic, location: { lat: 10.77, lon: 106.7 } }
  - { id: clinic-attic, kind: server-room, names: { vi: Gác mái, en: Attic }, owner: clinic }
links:
  - { id: clinic-inside, kind: access, from: clinic-room, to: clinic-attic, owner: clinic }
systems:
  - { id: appointments, names: { vi: Đặt lịch, en: Appointments }, owner: clinic }
`,
  'members/clinic/network-plans/addresses.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: addresses }
domains: [{ name: internal }]
pools:
  - { name: block-v6, from: { key: agency/clinic, family: v6 }, domain: internal, strategy: sparse }
  - { name: block-v4, from: { key: agency/clinic, family: v4 }, domain: internal, strategy: best-fit }
needs:
  - { forEach: { sites: {} }, key: "site/{id}", legs: { v6: { pool: block-v6, length: 48 }, v4: { pool: block-v4, length: 24 } } }
`,
  'members/clinic/network-plans/zones.yaml': `apiVersion: vcloud/v1
kind: ZonePlan
metadata: { name: clinic }
policies: [{ name: standard, algorithm: ecdsap256sha256 }]
nameServers:
  - { name: own, servers: [{ host: ns1.clinic.example., addresses: [192.0.2.129] }, { host: ns2.clinic.example., addresses: [203.0.113.129] }] }
zones:
  - { forEach: { organisations: { id: clinic } }, name: "{label}", nameServers: own, policy: standard }
`,
  'members/clinic/network-plans/overlays.yaml': `apiVersion: vcloud/v1
kind: OverlayPlan
metadata: { name: clinic }
profiles:
  - name: standard
    kind: ipsec
    ike: { proposals: [aes256gcm16-prfsha384-ecp384], lifetime: 4h, deadPeerDelay: 30s }
    esp: { proposals: [aes256gcm16-ecp384], lifetime: 1h }
    authentication: { certificate: "{node}.pem", authority: authority.pem, identity: "{node}.example" }
overlays:
  - name: wide
    profile: standard
    reach: ["3fff:100::/32", 10.0.0.0/12]
    nodes:
      - { id: main, role: hub, owner: health, group: hubs, endpoints: [192.0.2.11, "2001:db8:7010::1"], elsewhere: true }
      - { id: clinic-room, role: spoke, owner: clinic, joins: [hubs], site: clinic-room, prefixes: [{ pool: block-v6 }, { pool: block-v4 }], address: { key: site/clinic-room, host: 1 } }
`,
  'mapping.yaml': `apiVersion: vcloud/v1
kind: AdoptMapping
columns: { prefix: "Dải IP", owner: C, note: null, name: [2, B] }
headerRow: 4
domain: internal
sheets: { Cũ: { skip: true }, WAN: { columns: { prefix: A } } }
owners: { Sở Y tế: health }
domains: { VRF nội bộ: internal }
statuses: { đang dùng: active }
`,
};
