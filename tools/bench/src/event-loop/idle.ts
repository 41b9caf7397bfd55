/** Does nothing: what its event loop waits for is the machine. */
console.log(JSON.stringify({ address: "" }));
setInterval(() => {}, 1000);
