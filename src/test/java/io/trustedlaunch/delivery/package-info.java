/** What each image and the plugin have: the classes and libraries of their role. */
package io.trustedlaunch.delivery;
