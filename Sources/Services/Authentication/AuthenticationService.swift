// Authentication: who somebody is. Keeps the users and the hashes of their passwords, tells a right password from a
// wrong one, and makes guessing expensive. It takes the place of the Go original (contracts, course A.4).
//
// What it is not: a session store, a token issuer or a permission system. A caller learns who logged in and nothing
// more. Users/ and Passwords/ know no HTTP and no SQL driver; Login/ is the rule of logging in; HTTP/ is the only part
// that knows requests.
