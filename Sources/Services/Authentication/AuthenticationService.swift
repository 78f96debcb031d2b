// Authentication: who somebody is. Keeps the users and the hashes of their passwords, tells a right password from a
// wrong one, makes guessing expensive, and knows who is signed in. It takes the place of the Go original (contracts,
// course A.4).
//
// What it is not: a token issuer or a permission system. A caller learns who logged in and nothing more. Users/ and
// Passwords/ know no HTTP and no SQL driver; Login/ is the rule of logging in; Sessions/ is what comes of it, and what
// others are told; HTTP/ is the only part that knows requests.
