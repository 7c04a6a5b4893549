// The cdktf app of this federation: `npx cdktn synth`. `vcloud` itself does not need it.
import { synthApp } from 'vcloud/cloud';

await synthApp(new URL('..', import.meta.url));
