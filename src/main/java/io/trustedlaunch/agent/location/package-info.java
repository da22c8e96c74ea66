/** Storage locations on this host: who can access them, and which other nodes share them. */
package io.trustedlaunch.agent.location;
