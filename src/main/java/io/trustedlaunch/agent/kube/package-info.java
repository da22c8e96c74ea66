/** The agent's access to the API server: its only writer, watches, and its own recent writes. */
package io.trustedlaunch.agent.kube;
