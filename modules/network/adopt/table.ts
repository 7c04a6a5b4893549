export { cellName, columnName, finding, shown, type CellPlace, type Sheet, type SheetRow } from '../../core/index.ts';

/** What kind of file was recognised by its content. */
export type AdoptFormat = 'workbook' | 'csv' | 'netbox' | 'phpipam' | 'rpsl';
