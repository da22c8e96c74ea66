/** The controller that removes VMIncarnations whose VM is gone, and which of them need their node. */
package io.trustedlaunch.operator.incarnation;
