/**
 * Asking https servers, for whoever fetches something that a user named: nothing but https on any way, credentials to
 * nobody but whom they are for, and no server that makes anyone wait for ever.
 */
package io.trustedlaunch.web;
