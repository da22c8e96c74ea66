/** Connections of a user's session with the agent of a node, by TLS with the key that only this session has. */
package io.trustedlaunch.cli.plugin.session;
