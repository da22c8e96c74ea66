/** From the facts of an incarnation to the one step that is due now. Pure: steps act through the interfaces here. */
package io.trustedlaunch.agent.incarnation.plan;
