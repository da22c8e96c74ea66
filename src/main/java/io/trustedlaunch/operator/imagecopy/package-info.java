/** The controllers of ImageCopies: which image is imported where and by which node, and when a copy is removed. */
package io.trustedlaunch.operator.imagecopy;
