variable "region" {
  description = "Region of cache and workers."
  type        = string
  default     = "eu-west-1"
}

variable "repository" {
  description = "Name of the repository."
  type        = string
  default     = "team/app"
}
