/** Which image is to be copied where, and by whom; and when a copy is of no use any more. */
package io.trustedlaunch.operator.imagecopy;
