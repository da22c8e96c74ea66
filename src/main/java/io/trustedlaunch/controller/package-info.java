/** What the controllers of the operator and of the fencer have in common. It knows neither. */
package io.trustedlaunch.controller;
