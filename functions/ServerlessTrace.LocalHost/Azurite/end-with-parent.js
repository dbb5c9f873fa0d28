// Preloaded into an Azurite whose data nobody will come back for: it ends cleanly when its host has gone.
'use strict';
const parent = Number(process.env.SERVERLESSTRACE_PARENT_PID);

setInterval(() => {
  try {
    process.kill(parent, 0);
  } catch (error) {
    if (error.code === 'ESRCH') {
      process.kill(process.pid, 'SIGTERM');
    }
  }
}, 1000).unref();
