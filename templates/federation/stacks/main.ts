// The whole federation as one cdktf app: `npx cdktn synth`. `vcloud` itself does not need this file.
import { cdktfApp } from 'vcloud/cloud';

const app = await cdktfApp(process.cwd(), { asOf: process.env['VCLOUD_AS_OF'] ?? new Date().toISOString().slice(0, 10) });
app.synth();
