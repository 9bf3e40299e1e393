// A list of files as testbenches have it.
serial_assign.sv
