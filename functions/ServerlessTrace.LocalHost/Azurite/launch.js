// Starts Azurite in a process group of its own, so that Ctrl+C in the host's terminal does not reach it before the host
// has drained, with its output in a file, so that it survives a killed host. Prints its process id.
'use strict';
const { openSync } = require('node:fs');
const { spawn } = require('node:child_process');

const [log, ...command] = process.argv.slice(2);
const output = openSync(log, 'w');
const child = spawn(process.execPath, command, { detached: true, stdio: ['ignore', output, output] });
child.unref();
process.stdout.write(String(child.pid));
