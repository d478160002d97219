# Rules of tflint's own Terraform rule set, those that the widely used modules of terraform-aws-modules hold themselves to.
config {
  call_module_type = "none"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
