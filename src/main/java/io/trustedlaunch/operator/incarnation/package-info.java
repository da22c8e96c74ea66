/** The controller that removes VMIncarnations whose VM is gone. */
package io.trustedlaunch.operator.incarnation;
