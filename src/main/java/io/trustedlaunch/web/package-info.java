/**
 * A client for https servers that users name: every redirect must stay on https and lead to no address that only this host
 * reaches, credentials go only to the server that they are for, and every wait has a timeout.
 */
package io.trustedlaunch.web;
