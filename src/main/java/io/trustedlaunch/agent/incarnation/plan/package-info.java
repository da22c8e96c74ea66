/** From what is observed of an incarnation to the one step that is due now. Pure. */
package io.trustedlaunch.agent.incarnation.plan;
