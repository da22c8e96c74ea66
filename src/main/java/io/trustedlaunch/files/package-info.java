/**
 * Files of folders that others can write to, or whose power can fail: opened without following links, complete or absent,
 * removed without leaving the folder.
 */
package io.trustedlaunch.files;
