/** What the plugin knows of the protocol of VNC (RFB, RFC 6143): a picture of a screen, and keys. Pure. */
package io.trustedlaunch.cli.plugin.screen;
