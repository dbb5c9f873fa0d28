// A service as anybody writes one, and one call of it: nothing in it knows of tracing.
'use strict';

const http = require('node:http');

const server = http.createServer((request, response) => response.end('fine'));
server.listen(0, '127.0.0.1', async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/orders`);
  console.log(await answer.text());
  server.close();
});
