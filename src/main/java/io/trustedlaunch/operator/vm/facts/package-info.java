/** What the operator knows of one VM when it decides: its spec and status, its incarnations, key, image and user data. */
package io.trustedlaunch.operator.vm.facts;
