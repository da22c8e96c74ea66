/** Management controllers of machines, behind one port: which machine one is in, its power, and the switch. */
package io.trustedlaunch.fencer.device;
