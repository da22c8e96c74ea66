/** The port to a host's hypervisor: domains, their states, migrations, consoles and working copies. */
package io.trustedlaunch.agent.hypervisor;
