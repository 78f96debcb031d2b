// The front end: gives out the test page and its files. It calls nobody; the page does, from the browser. What the
// buttons send is in the page's script (Sources/C/FrontEndAssets/assets), not here.
