variable "region" {
  description = "Region of cache and workers."
  type        = string
  default     = "eu-west-1"
}
