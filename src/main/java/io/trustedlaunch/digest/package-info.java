/** SHA-256, the one digest that is used throughout. Pure. */
package io.trustedlaunch.digest;
