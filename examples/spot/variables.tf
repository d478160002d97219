variable "region" {
  description = "Region of cache and workers."
  type        = string
  default     = "eu-west-1"
}

variable "instance_types" {
  description = "Types that workers may have, the one that is liked most first."
  type        = list(string)
  default     = ["m6i.large", "m5.large", "m6a.large", "m5a.large"]
}
