-- As kubectl tlvm start.
obj.spec.runStrategy = "Always"
return obj
