/** The two languages pictures speak. */
export type Language = 'vi' | 'en';

const words = {
  en: {
    title: 'Map of {name}',
    all: 'Address plan',
    pool: 'pool',
    free: 'free',
    blocks: '{count} blocks, the largest',
    released: 'released',
    delegated: 'given out',
    used: 'used',
    of: 'of',
    largest: 'largest free block',
    full: 'full',
    kept: 'the rest is only kept for growth',
    room: 'kept for growth:',
    double: 'can double in place',
    fixed: 'cannot double in place',
    more: 'and {count} more',
    owner: 'held by',
    search: 'Find a key, holder, address or prefix',
    found: '{count} found',
    nothing: 'Nothing found',
    whole: 'Whole',
    inside: 'What lies in it, in order of address',
    network: 'network of hosts',
    container: 'container',
    hint: 'Blocks lie along a Hilbert curve: what is near in address is near on the map. Darker means fuller.',
    zoom: 'Press a block to open it, Escape to go back.',
    other: 'Tiếng Việt',
    addresses: 'addresses',
  },
  vi: {
    title: 'Bản đồ {name}',
    all: 'Quy hoạch địa chỉ',
    pool: 'vùng',
    free: 'còn trống',
    blocks: '{count} khối, lớn nhất là',
    released: 'đã thu hồi',
    delegated: 'đã cấp',
    used: 'đang dùng',
    of: 'trên',
    largest: 'khối trống lớn nhất',
    full: 'đã đầy',
    kept: 'phần còn lại chỉ giữ chỗ để mở rộng',
    room: 'giữ chỗ để mở rộng:',
    double: 'có thể nhân đôi tại chỗ',
    fixed: 'không thể nhân đôi tại chỗ',
    more: 'và {count} khối nữa',
    owner: 'đơn vị giữ:',
    search: 'Tìm khóa, đơn vị, địa chỉ hoặc tiền tố',
    found: 'tìm thấy {count}',
    nothing: 'Không tìm thấy',
    whole: 'Toàn bộ',
    inside: 'Các khối bên trong, theo thứ tự địa chỉ',
    network: 'mạng máy',
    container: 'khối chứa',
    hint: 'Các khối nằm theo đường cong Hilbert: địa chỉ gần nhau thì ở gần nhau. Càng đậm càng đầy.',
    zoom: 'Bấm vào một khối để mở, phím Escape để quay lại.',
    other: 'English',
    addresses: 'địa chỉ',
  },
} as const;

/** The words of a language; `{name}` and `{count}` are filled in by who uses them. */
export type Words = Readonly<Record<keyof (typeof words)['en'], string>>;

export function wordsOf(language: Language): Words {
  return words[language];
}
