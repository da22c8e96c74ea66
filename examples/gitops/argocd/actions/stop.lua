-- As kubectl tlvm stop: the guest is shut down, and the VM stays off.
obj.spec.runStrategy = "Halted"
return obj
