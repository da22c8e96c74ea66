/** The one digest that all rooms name bytes by. Pure. */
package io.trustedlaunch.digest;
