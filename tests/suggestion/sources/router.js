'use strict';

const path = require('path');
const { readFile } = require('fs/promises');

const routes = new Map([
  ['/', 'index.html'],
  ['/about', 'about.html'],
]);

// Slashes at the end mean nothing.
function normal(url) {
  return url.replace(/\/+$/, '') || '/';
}

class Router {
  #hits = 0;

  constructor(root, options = {}) {
    this.root = root;
    this.options = { cache: true, ...options };
  }

  async handle(request, response) {
    this.#hits += 1;
    const name = routes.get(normal(request.url));
    if (!name) {
      response.writeHead(404);
      response.end(`No ${request.url} here`);
      return;
    }
    try {
      const text = await readFile(path.join(this.root, name), 'utf8');
      response.writeHead(200, {
        'content-type': 'text/html',
        'content-length': text.length,
      });
      response.end(text);
    } catch (error) {
      console.error(error);
    }
  }
}

const timer = setInterval(() => {
  for (const [url, name] of routes) {
    console.log(url, '->', name);
  }
}, 1000);

describe('Router', function () {
  it('knows its routes', function (done) {
    const router = new Router('.');
    router
      .handle({ url: '/about/' }, {})
      .then(() => done())
      .catch(done);
  });
});

module.exports = { Router, normal, timer };
